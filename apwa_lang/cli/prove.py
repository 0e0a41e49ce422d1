"""`apwa prove`: how each claim of a program is known, its certificate, and the check of one.

In: a program, or a certificate to check. Out: the claims on standard output and the certificate beside the program;
exit code 1 for errors, for claims that do not hold, and for a mark weaker than the one required.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import InputError, color_option, print_diagnostics, read_source, shown_path
from apwa_lang.diagnostics.model import Diagnostic, Severity

if TYPE_CHECKING:
    from apwa_lang.check import Checked
    from apwa_lang.proofs import Claim

MARKS = ("proved", "checked", "trusted")


@click.command()
@click.argument("file", metavar="FILE", required=False)
@click.option("--flow", metavar="NAME", help="Show the claims of one flow only; the certificate has them all.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--all", "everything", is_flag=True, help="List also what P1, P2 and P3 prove, which is counted otherwise."
)
@click.option(
    "--certificate", metavar="PATH", help="Where to write the certificate; FILE's name with .proof.json if left out."
)
@click.option("--no-certificate", is_flag=True, help="Write no certificate.")
@click.option(
    "--require", type=click.Choice(MARKS), help="Exit with code 1 when a claim is known less surely than this."
)
@click.option(
    "--verify", metavar="CERTIFICATE", help="Check a certificate instead, of FILE or of the program it names."
)
@click.option("--renew-trust", is_flag=True, help="Take changed sources of trusted tasks into the certificate.")
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    flow: str | None,
    output_format: str,
    everything: bool,
    certificate: str | None,
    no_certificate: bool,
    require: str | None,
    verify: str | None,
    renew_trust: bool,
) -> None:
    """Show for every two effects that must not meet how it is known that they do not.

    A claim is proved, checked while running, trusted for a reason, refuted or undecided; the weakest is the mark of the
    whole program.
    """
    if verify is not None:
        if flow or everything or certificate or no_certificate or renew_trust:
            raise click.UsageError("--verify takes FILE, --require and --output-format, and nothing else")
        from apwa_lang.cli.verify import verified

        ctx.exit(verified(verify, file, require, output_format))
    if file is None:
        raise click.UsageError("missing FILE")
    if no_certificate and (certificate or renew_trust):
        raise click.UsageError("--no-certificate excludes --certificate and --renew-trust")
    checked, findings = _checked(file, output_format, renew_trust)
    claims = _of_flow(checked, flow)
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    if failed and not checked.claims:
        ctx.exit(1)
    written = None if failed or no_certificate else _write(checked, certificate)
    mark = _show(claims, written, output_format, everything)
    ctx.exit(1 if failed or (require is not None and weaker(mark, require)) else 0)


def weaker(mark: str, required: str) -> bool:
    """Whether a mark says less than what is required."""
    return mark not in MARKS[: MARKS.index(required) + 1]


def _checked(file: str, output_format: str, renew_trust: bool) -> tuple[Checked, list[Diagnostic]]:
    """The program and the findings about it, printed. With ``renew_trust``, lapsed trust is none."""
    from apwa_lang.check import check
    from apwa_lang.diagnostics.codes.bodies import LAPSED
    from apwa_lang.diagnostics.codes.lowering import NOT_LOWERED

    checked = check(read_source(file))
    passed = {NOT_LOWERED.id, LAPSED.id} if renew_trust else {NOT_LOWERED.id}
    findings = [finding for finding in checked.diagnostics if finding.code not in passed]
    print_diagnostics(findings, output_format=output_format, stream=sys.stderr)
    return checked, findings


def _of_flow(checked: Checked, flow: str | None) -> list[Claim]:
    if flow is not None and checked.claims and flow not in checked.program.flows:
        known = ", ".join(f"`{name}`" for name in checked.program.flows)
        raise click.UsageError(f"there is no flow `{flow}`; the program has {known}")
    return [claim for claim in checked.claims if flow is None or claim.flow == flow]


def _write(checked: Checked, path: str | None) -> str | None:
    """Write the certificate; the path as people see it, None for a program without a file. Raises InputError."""
    from apwa_lang.certificate import certificate, certificate_path, write

    file = checked.program.source.file
    if file is None:
        if path is not None:
            raise InputError("a program on standard input has no certificate")
        return None
    target = Path(path) if path is not None else certificate_path(file)
    try:
        write(certificate(checked.program, checked.claims, target.parent), target)
    except (OSError, ValueError) as error:
        said = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot write `{target}`: {said}") from error
    return shown_path(target)


def _show(claims: list[Claim], written: str | None, output_format: str, everything: bool) -> str:
    """Print the claims; their weakest verdict."""
    from apwa_lang.cli import claims as shown

    mark = shown.mark(claims)
    if output_format == "json":
        click.echo(shown.as_json(claims, mark, written))
    else:
        for line in shown.as_text(claims, mark, everything):
            click.echo(line)
        if written is not None:
            click.echo(f"wrote {written}", err=True)
    return mark
