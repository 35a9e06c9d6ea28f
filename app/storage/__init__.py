"""PostgreSQL and nothing else: rows in, rows out; the SQL stands in `sql/<noun>.sql`, named and described.

`actions` and `disclosure` may enter, doors never. Nothing here commits; whoever opened the transaction does.
Start reading at `database`, then `queries`, then the noun you came for.
"""
