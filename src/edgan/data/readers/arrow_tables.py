"""Arrow and Parquet files by columns and by rows, a few rows in memory at a time, through the package pyarrow."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgan.data.containers import TABLE_SUFFIXES
from edgan.data.files import MAX_IMAGE_BYTES, ContentError, too_large
from edgan.errors import EdganError
from edgan.extras import install_command

ARROW, PARQUET = TABLE_SUFFIXES
ARROW_FILE = b"ARROW1"
"""How an Arrow file begins that has a footer. Those of the package datasets are streams and have none."""
CELL_ROWS = 65_536
IMAGE_ROWS = 16
"""Rows of images that are read at once, and kept behind the newest: threads ask for them nearly in order."""
OPEN_TABLES = 2


def require_pyarrow(path: Path) -> None:
    """Check that the package is there.

    Raises:
        EdganError: it is not.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise EdganError(
            f"{path} holds Arrow or Parquet files, and the package pyarrow, which reads them, is not installed: "
            f"{install_command('datasets')}"
        ) from error


class Table:
    """One .arrow or .parquet file.

    Attributes:
        path: of the file.
        types: column to its Arrow type.
        classes: column to the names of its classes, where the package datasets wrote them into the file.
    """

    def __init__(self, path: Path) -> None:
        """Read the names and types of the columns.

        Raises:
            ContentError: it is damaged, or no such file.
            OSError: the system cannot read it.
        """
        self.path = path
        self._size = path.stat().st_size
        self._is_parquet = path.suffix.lower() == PARQUET
        with _damage_told():
            schema = self._schema()
            self._names: list[str] = schema.names
            self.types: dict[str, Any] = dict(zip(self._names, schema.types, strict=True))
            self.classes = _class_names(schema.metadata)

    def count(self) -> int:
        """The number of rows. Raises: as `batches`."""
        import pyarrow.parquet as parquet

        if self._is_parquet:
            with _damage_told(), parquet.ParquetFile(self.path) as file:
                rows = file.metadata.num_rows
        else:
            rows = sum(batch.num_rows for batch in self.batches(list(self.types)[:1], CELL_ROWS))
        if rows > self._size:  # a row of an image has a byte at least; a damaged file may say anything
            raise ContentError(f"it is damaged: it says that it has {rows} rows, in {self._size} bytes")
        return rows

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Record batches of these columns, from the first row to the last.

        Args:
            columns: names; "image.bytes" is a field of a column of a .parquet.
            rows: in each batch, at most; an .arrow has batches of its own size, which are not copied into memory.

        Raises:
            ContentError: the file is damaged.
            OSError: the system cannot read it.
        """
        with _damage_told():
            for batch in self._parquet(columns, rows) if self._is_parquet else self._arrow(columns):
                batch.validate(full=True)  # offsets that lead out of their buffer would be followed
                yield batch

    def images(self, column: str) -> Iterator[Any]:
        """Arrays of the encoded images of a column, null where a row has none. Raises: as `batches`."""
        import pyarrow as pa

        struct = pa.types.is_struct(self.types[column])
        for batch in self.batches([f"{column}.bytes" if struct and self._is_parquet else column], IMAGE_ROWS):
            array = batch.column(0)
            if struct:
                array = array.flatten()[array.type.get_field_index("bytes")]
            yield array

    def require_unchanged(self) -> None:
        """Check the size: reading beyond the end of a mapped file would end the process.

        Raises:
            ContentError: it was changed after it was opened.
            OSError: it is gone.
        """
        if self.path.stat().st_size != self._size:
            raise ContentError("the file was changed while it was read")

    def _schema(self) -> Any:
        import pyarrow.parquet as parquet

        if self._is_parquet:
            return parquet.read_schema(self.path)
        with self._mapped() as file:
            return self._reader(file).schema

    def _parquet(self, columns: Sequence[str], rows: int) -> Iterator[Any]:
        import pyarrow.parquet as parquet

        # Read by pages: otherwise a whole row group would be in memory.
        with parquet.ParquetFile(self.path, buffer_size=2**20, pre_buffer=False) as file:
            yield from file.iter_batches(rows, columns=list(columns), use_threads=False)

    def _arrow(self, columns: Sequence[str]) -> Iterator[Any]:
        import pyarrow as pa

        fields = [self._names.index(column) for column in columns]
        with self._mapped() as file:
            reader = self._reader(file, pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False))
            if isinstance(reader, pa.RecordBatchFileReader):
                found = (reader.get_batch(number) for number in range(reader.num_record_batches))
            else:
                found = iter(reader)
            for batch in found:
                self.require_unchanged()
                yield batch

    def _mapped(self) -> Any:
        import pyarrow as pa

        return pa.memory_map(str(self.path))

    def _reader(self, file: Any, options: Any = None) -> Any:
        import pyarrow as pa

        start = file.read(len(ARROW_FILE))
        file.seek(0)
        return (pa.ipc.open_file if start == ARROW_FILE else pa.ipc.open_stream)(file, options=options)


class Images:
    """The encoded images of several tables by place.

    They are read onward from the first row. A place behind the rows that are kept begins its table again, which
    readers in order, such as the cache, never cause.
    """

    def __init__(self, tables: Sequence[tuple[Table, str]]) -> None:
        """No table is open yet.

        Args:
            tables: each with the name of its column of images.
        """
        self._tables = tables
        self._open: OrderedDict[int, _Rows] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, table: int, row: int) -> bytes:
        """One encoded image.

        Raises:
            ContentError: the row has none, or the table is damaged.
            OSError: the system cannot read it.
        """
        with self._lock:
            rows = self._open.pop(table, None)
            if rows is None or row < rows.first:
                rows = _Rows(*self._tables[table])
            self._open[table] = rows
            while len(self._open) > OPEN_TABLES:
                self._open.popitem(last=False)
            return rows.read(row)


class _Rows:
    """The images of one table, read onward; `first` is the first row that is still there."""

    def __init__(self, table: Table, column: str) -> None:
        self._table, self._arrays = table, table.images(column)
        self._kept: deque[Any] = deque()
        self.first, self._end = 0, 0

    def read(self, row: int) -> bytes:
        while row >= self._end:
            array = next(self._arrays, None)
            if array is None:
                raise ContentError("the table is damaged or ends before it")
            self._kept.append(array)
            self._end += len(array)
            while self._end - self.first - len(self._kept[0]) >= len(array) + IMAGE_ROWS:
                self.first += len(self._kept.popleft())
        place = row - self.first
        for array in self._kept:
            if place < len(array):
                return self._bytes(array[place])
            place -= len(array)
        raise ContentError("the table has no such row")

    def _bytes(self, cell: Any) -> bytes:
        self._table.require_unchanged()
        if not cell.is_valid:
            raise ContentError("the row holds no image; a path to a file elsewhere is not followed")
        size = cell.as_buffer().size
        if size > MAX_IMAGE_BYTES:
            raise too_large(size, MAX_IMAGE_BYTES)
        return cell.as_py()


def _class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """The classes' names by column, from the features that the package datasets writes into a file."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        labels = {name: feature for name, feature in features.items() if feature.get("_type") == "ClassLabel"}
        return {name: [str(entry) for entry in feature["names"]] for name, feature in labels.items()}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turns an error of pyarrow into a ContentError. Errors of the system, which have a number, stay as they are."""
    try:
        yield
    except (ContentError, MemoryError):
        raise
    except Exception as error:  # pyarrow raises all kinds of errors on a damaged file
        if isinstance(error, OSError) and error.errno:
            raise
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ContentError(f"it is damaged or cut short: {first}") from error
