"""Prints a hash for each column of Parquet files, of values in the form of canonical-value.ts: one JSON object a line."""

import hashlib
import json
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def texts(column):
    kind = column.type
    if pa.types.is_timestamp(kind):
        values = column.cast(pa.int64()).to_pylist()
    elif pa.types.is_date32(kind):
        values = column.cast(pa.int32()).to_pylist()
    else:
        values = column.to_pylist()
    for value in values:
        if value is None:
            yield b"N"
        elif isinstance(value, bool):
            yield b"B1" if value else b"B0"
        elif isinstance(value, float):
            yield b"D" + struct.pack(">d", value).hex().encode()
        elif isinstance(value, int):
            yield b"I%d" % value
        else:
            data = value.encode()
            yield b"S%d:" % len(data) + data


for path in sys.argv[1:]:
    table = pq.read_table(path)
    hashes = {}
    for name in table.column_names:
        digest = hashlib.sha256()
        for text in texts(table.column(name)):
            digest.update(text + b"\n")
        hashes[name] = digest.hexdigest()
    print(json.dumps({"rows": table.num_rows, "columns": hashes}))
