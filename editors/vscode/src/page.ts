/**
 * The page that shows a drawing.
 *
 * In: an SVG, or what went wrong. Out: HTML that runs no script and loads nothing: a drawing is an image, in which scripts
 * and links of an SVG are dead, whatever names the program has. Knows nothing of VS Code.
 */

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** A page with a drawing. */
export function drawing(svg: string): string {
  const data = Buffer.from(svg, "utf8").toString("base64");
  return page(`<img alt="The flow" src="data:image/svg+xml;base64,${data}">`);
}

/** A page with what `apwa` said instead of a drawing. */
export function failure(text: string): string {
  return page(`<pre>${escapeHtml(text)}</pre>`);
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function page(body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>APWA graph</title>
<style>
body { padding: 1rem; }
img { background: #ffffff; border-radius: 6px; padding: 1rem; max-width: 100%; box-sizing: border-box; }
pre { white-space: pre-wrap; }
</style>
</head>
<body>${body}</body>
</html>`;
}
