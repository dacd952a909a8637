"""The file of results: Parquet, a row for every point, complete at every moment."""

import dataclasses
import time

import pyarrow as pa
import pyarrow.parquet as pq

from golden.errors import InputError
from golden.files import replacing
from myhdl_acc.report.sweep.columns import COLUMNS
from myhdl_acc.rtl.config import AcceleratorConfig

_PAUSE = 1.0  # seconds between two writes of a file: points may be much faster
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64()}
#: Of rows in a file of an earlier version, which lacks later columns; fields of a configuration have defaults.
_LATER = dict.fromkeys(COLUMNS) | {
    field.name: field.default
    for field in dataclasses.fields(AcceleratorConfig)
    if field.default is not dataclasses.MISSING
}
SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in COLUMNS.items()])


def read(path):
    """The rows (dicts) of the results file ``path``; raises InputError for any other file."""
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (pa.ArrowInvalid, OSError) as error:
        reason = "not a Parquet file" if isinstance(error, pa.ArrowInvalid) else error.strerror or "cannot be read"
        raise InputError(f"{path}: {reason}; results are what `myhdl-acc sweep -o` writes") from None
    unknown = set(table.schema.names) - set(SCHEMA.names)
    if unknown or "key" not in table.schema.names:
        raise InputError(f"{path}: not results of this version of sweep: the columns differ")
    return [_LATER | row for row in table.to_pylist()]


class Results:
    """Rows by their point's key, those of an earlier file first; on disk a moment later.

    Writing raises InputError where the file system refuses; the file is then as it was.
    """

    def __init__(self, path, rows):
        self._path = path
        self._rows = {row["key"]: row for row in rows}
        self._written = None

    @property
    def rows(self):
        return list(self._rows.values())

    def row(self, key):
        return self._rows[key]

    def done(self, key):
        """Whether the point was measured; one that failed may be tried again."""
        return key in self._rows and self._rows[key]["error"] is None

    def add(self, row):
        self._rows[row["key"]] = row
        if self._written is None or time.monotonic() - self._written > _PAUSE:
            self.write()

    def write(self):
        table = pa.Table.from_pylist(self.rows, SCHEMA)
        with replacing(self._path, "wb") as file:
            pq.write_table(table, file)
        self._written = time.monotonic()
