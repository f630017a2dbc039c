"""What a process does with code under test, and what is still known when it is lost.

`limits` holds a call to its time and a process to its memory; `surroundings` sees that streams and
settings stay as they are; `blackbox` notes the call at hand where another process can read it;
`workers` are the processes that may be lost.
"""
