"""Looks at the packed extension in a real VS Code and a real browser: colours, a finding, hover, completion, a graph.

In: the command that starts code-server, the package, a Python that has apwa, the browser. Out: a picture of the
window, and exit code 0 when all was seen.
"""

from __future__ import annotations

import argparse
import json
import shlex
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PATIENCE = 90_000  # milliseconds; the first start compiles all of VS Code
PROGRAM = """## Greets people.
record Person { name: str @key  age: int }

table people: Person = [{ name: "Ada", age: 36 }]

model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }

task greet(person: Person) -> str {
  model: server
  prompt: "Greet {{ person.name | upper }}"
  ensure: len(result) > 3 and person.agee > 1
}

split each = people by row

flow main {
  greetings = map greet over each keep name
  save greetings to "greetings.jsonl"
}
"""


COLOURED = """() => {
  const colours = (line) => [...line.querySelectorAll("span span")].map((span) => getComputedStyle(span).color);
  const lines = [...document.querySelectorAll(".view-line")].filter((line) => line.innerText.includes("Person"));
  return lines.some((line) => new Set(colours(line)).size >= 3);
}"""


def main() -> None:
    """Read the command line and look."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--code-server", default="code-server", help="a command of one or more words")
    options.add_argument("--vsix", type=Path, required=True)
    options.add_argument("--python", type=Path, required=True)
    options.add_argument("--browser", default="/usr/bin/chromium")
    options.add_argument("--picture", type=Path, required=True)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(given, Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=given.browser, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        try:
            look(page, url)
        finally:
            page.screenshot(path=given.picture)
            browser.close()


def look(page: Page, url: str) -> None:
    """Use the extension as a person does; raises AssertionError where something is not seen."""
    page.goto(url)
    page.get_by_role("treeitem", name="main.apwa").dblclick(timeout=PATIENCE)
    line = page.locator(".view-line", has_text="record Person")
    expect(line).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(COLOURED, timeout=PATIENCE)
    print("the program is coloured")

    expect(page.locator(".squiggly-error").first).to_be_visible(timeout=PATIENCE)
    print("a finding is underlined")

    page.locator(".view-line", has_text="map greet over").get_by_text("greet", exact=True).hover()
    hover = page.locator(".monaco-hover:visible")
    expect(hover).to_contain_text("task greet", timeout=PATIENCE)
    print("hover:", hover.inner_text().strip().splitlines()[0])
    page.keyboard.press("Escape")

    page.locator(".view-line", has_text="save greetings").click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("x = map ")
    page.keyboard.press("Control+Space")
    suggestion = page.locator(".suggest-widget .monaco-list-row", has_text="greet")
    expect(suggestion.first).to_be_visible(timeout=PATIENCE)
    print("completion offers", suggestion.first.inner_text().strip().splitlines()[0])
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+K")

    page.get_by_text("Show graph").click()
    inner = page.frame_locator("iframe.webview").frame_locator("iframe")
    expect(inner.locator("pre")).to_contain_text("no field `agee`", timeout=PATIENCE)
    page.get_by_text("agee", exact=True).dblclick()
    page.keyboard.type("age")
    page.keyboard.press("Control+S")
    expect(inner.locator("img")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".squiggly-error")).to_have_count(0, timeout=PATIENCE)
    print("mended, the flow is drawn, and nothing is underlined")


@contextmanager
def served(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The address of a code-server with the extension and a workspace with one program."""
    command = shlex.split(given.code_server)
    settings = folder / "data/User/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        json.dumps(
            {
                "apwa.path": str(given.python.absolute()),
                "security.workspace.trust.enabled": False,
                "workbench.startupEditor": "none",
                "telemetry.telemetryLevel": "off",
            }
        )
    )
    workspace = folder / "work"
    workspace.mkdir()
    (workspace / "main.apwa").write_text(PROGRAM)
    own = ["--user-data-dir", str(folder / "data"), "--extensions-dir", str(folder / "extensions")]
    subprocess.run([*command, *own, "--install-extension", str(given.vsix)], check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "log").open("w")
    server = subprocess.Popen(
        [
            *command,
            *own,
            "--auth",
            "none",
            "--bind-addr",
            f"127.0.0.1:{port}",
            "--disable-telemetry",
            "--disable-update-check",
            str(workspace),
        ],
        stdout=log,
        stderr=log,
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.2)
        yield f"{url}?folder={workspace}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
