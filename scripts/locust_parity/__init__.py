"""locust-parity: runs Python locustfiles under stock Locust and under locust-cpp and says what differs.

program.py     leads: which runs, in which order, and the exit code
arguments.py   the command line
running.py     one run of one program, to the end of all its processes
prelude.py     is loaded before the locustfile, inside both programs
outcome.py     what a run left behind, as data
likeness.py    which texts of several runs are the same but for numbers
comparison.py  what differs between the runs of the two programs
table.py, junit.py, page.py    the result on the terminal, as JUnit XML, as HTML

Needs Python 3.9 or newer and nothing but its standard library.
"""
