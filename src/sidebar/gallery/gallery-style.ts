/** The style of the gallery, in the colors of the editor's theme. */
export const GALLERY_STYLE = `
.lightly-gallery-head { margin: 8px 0 2px; font-weight: 600; overflow-wrap: anywhere; }
.lightly-gallery-scroll { overflow-x: auto; padding-bottom: 4px; }
.lightly-gallery-line { position: relative; }
.lightly-gallery-line > svg { display: block; }
.lightly-gallery-line > svg line { stroke: var(--red-ui-secondary-border-color); }
.lightly-gallery-line > svg .lightly-gallery-mark { stroke: var(--red-ui-text-color-link); stroke-width: 2; }
.lightly-gallery-line > svg .lightly-gallery-cut { stroke: var(--red-ui-primary-text-color); }
.lightly-gallery-line > svg text { fill: var(--red-ui-secondary-text-color); font-size: 10px; }
.lightly-gallery-line > ul { list-style: none; margin: 0; padding: 0; }
.lightly-gallery-line li { position: absolute; }
.lightly-gallery-frame { display: block; box-sizing: border-box; width: 84px; height: 50px; padding: 0; overflow: hidden; cursor: pointer;
  border: 1px solid var(--red-ui-form-input-border-color); border-radius: 3px; background: var(--red-ui-secondary-background); }
.lightly-gallery-frame:hover, .lightly-gallery-frame[aria-pressed="true"] { border-color: var(--red-ui-text-color-link); }
.lightly-gallery-frame:focus-visible { outline: 2px solid var(--red-ui-text-color-link); outline-offset: 1px; }
.lightly-gallery-frame img { display: block; width: 100%; height: 100%; object-fit: contain; }
.lightly-gallery-frame.lightly-gallery-broken { border-style: dashed; }
.lightly-gallery-details { min-height: 34px; margin-top: 6px; color: var(--red-ui-primary-text-color); overflow-wrap: anywhere; }
.lightly-gallery-details span { color: var(--red-ui-secondary-text-color); }
.lightly-gallery-picture img { display: block; max-width: 100%; margin-top: 6px; }
.lightly-gallery-status { color: var(--red-ui-secondary-text-color); }
`;
