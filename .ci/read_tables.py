"""Reads every exported Parquet file with DuckDB and with pandas and compares it, cell by cell, with the JSON of the same table."""

import json
import math
import pathlib
import sys

import duckdb
import pandas


def same(one, other):
    if one is None or other is None or (isinstance(one, float) and math.isnan(one)):
        return (one is None or one != one) and other is None
    if isinstance(one, float) or isinstance(other, float):
        return float(one) == float(other)
    return one == other


def plain(value):
    """A cell as JSON writes it: days and moments in ISO 8601."""
    if value is None or value is pandas.NaT:
        return None
    if hasattr(value, "isoformat"):
        return value
    return value.item() if hasattr(value, "item") else value


def moment(text, value):
    return pandas.Timestamp(text) == pandas.Timestamp(value)


def check(name, reader, rows, expected):
    if len(rows) != len(expected):
        sys.exit(f"{name}: {reader} reads {len(rows)} rows, the JSON has {len(expected)}")
    for number, (row, wanted) in enumerate(zip(rows, expected)):
        if list(row) != list(wanted):
            sys.exit(f"{name}: {reader} reads other columns: {list(row)}")
        for column, value in row.items():
            value = plain(value)
            is_same = moment(wanted[column], value) if hasattr(value, "isoformat") else same(value, wanted[column])
            if not is_same:
                sys.exit(f"{name} row {number}, {column}: {reader} reads {value!r}, the JSON has {wanted[column]!r}")


parquet, told = map(pathlib.Path, sys.argv[1:])
duckdb.execute("SET TimeZone='UTC'")
tables = sorted(parquet.glob("*.parquet"))
for path in tables:
    expected = json.loads((told / f"{path.stem}.json").read_text())
    answer = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
    columns = [column[0] for column in answer.description]
    check(path.stem, "DuckDB", [dict(zip(columns, row)) for row in answer.fetchall()], expected)
    frame = pandas.read_parquet(path).astype(object)
    check(path.stem, "pandas", frame.to_dict("records"), expected)
print(f"{len(tables)} tables read alike by DuckDB {duckdb.__version__}, pandas {pandas.__version__}")
