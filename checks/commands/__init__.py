"""The commands, one file each, named like it; each is imported when it is wanted.

Only click is imported at the top of these files: the work is in modules of its own.
"""
