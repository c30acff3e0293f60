"""What runs inside a slot: its template process and the runs forked from it.

Imported by a bare interpreter (`boot.py`), so everything here needs the standard library only.
"""
