"""Files of hits, durable before anybody is answered; the database may be away.

`tracking` appends through `writer.py`, the drain reads and removes through `reader.py`; both speak the
records of `records.py`. Personal and anonymous hits never share a file. Knows the domain and the disk.
Start reading in `records.py`, then `segments.py` for what a file looks like.
"""
