"""`apwa new`: a small project that runs as it is.

In: a folder's path. Out: a program, its data and a README in it. Nothing that exists is overwritten.
"""

from __future__ import annotations

from pathlib import Path

import click

from apwa_lang.cli.common import InputError

TEMPLATES = Path(__file__).parent / "templates"

# What the project has, and the template it is made from.
FILES = {
    "main.apwa": "main.apwa",
    "data/tickets.jsonl": "data/tickets.jsonl",
    "README.md": "README.md",
    ".gitignore": "gitignore",
}


@click.command()
@click.argument("folder", metavar="DIR")
def command(folder: str) -> None:
    """Write a small project that runs as it is.

    DIR is made if need be. It needs neither a model server nor a key.
    """
    root = Path(folder)
    try:
        taken = [name for name in FILES if (root / name).exists()]
        if taken:
            raise InputError(f"`{root / taken[0]}` exists, and nothing is overwritten")
        for name, template in FILES.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write((TEMPLATES / template).read_bytes())
    except OSError as error:
        raise InputError(f"cannot write to `{folder}`: {(error.strerror or str(error)).lower()}") from error
    click.echo(f"wrote {', '.join(FILES)} to {folder}")
    click.echo(f"next: cd {folder} && apwa check && apwa run main.apwa")
