/** Behind a colon or slash that another one of the same word follows or goes before: a permission, `ec2:StartInstances`, stays whole. */
const BREAKS = /(?<=[:/])(?=[^\s:/])(?:(?<=[:/]\S*[:/])|(?=\S*[:/]))/;

/** Parts a text where a line may end besides its blanks: behind the colons and slashes of ARNs, addresses and paths. */
export function breakableParts(text: string): string[] {
  return text.split(BREAKS);
}

/** The same as nodes of a page; whoever copies the text gets it as it is. */
export function breakable(text: string): Array<Text | HTMLElement> {
  return breakableParts(text).flatMap((part, index) => {
    const words = document.createTextNode(part);
    return index === 0 ? [words] : [document.createElement("wbr"), words];
  });
}
