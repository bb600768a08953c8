/**
 * The page as an HTML document. It uses the style sheets of the editor, which has its folder one level up.
 *
 * @param content - the page's style and script, as the build makes them
 */
export function pageDocument(content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lightly runs</title>
<link rel="icon" href="../favicon.ico">
<link rel="stylesheet" href="../vendor/font-awesome/css/font-awesome.min.css">
<link rel="stylesheet" href="../red/style.min.css">
</head>
<body class="red-ui-editor lightly-page">
${content}</body>
</html>
`;
}
