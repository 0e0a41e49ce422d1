"""``save``: a dataset to a file or a folder of parts, all at once or not at all."""

from __future__ import annotations

from apwa_compiler.plan import Save, Step
from apwa_runtime.commits import Claim, Commits
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.session import Session
from apwa_runtime.tables.read import TableError
from apwa_runtime.tables.write import SavedTable, write_table


def run_save(session: Session, step: Step, operation: Save, dataset: Dataset) -> SavedTable:
    """Write the dataset. Raises RunError when that cannot be done; nothing is left half written."""
    commits = Commits(session.plan, step.name, session.journal.folder)
    other = commits.blocking(operation.path, Claim(step.name, None))
    if other is not None:
        raise RunError(f"{operation.path} could not be saved: it was already written by {other}", exit_code=1)
    try:
        return write_table(dataset.batches(), dataset.record, operation.path, operation.format, session.folder.name)
    except TableError as error:
        raise RunError(f"{operation.path} could not be saved: {error}", exit_code=1) from None
