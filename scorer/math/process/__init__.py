"""The processes that compare answers: confined, with a budget of processor time and memory, killed when over it.

service: pool.py, template.py, handle.py  --wire.py-->  main.py (the template), worker.py (forked from it)
"""
