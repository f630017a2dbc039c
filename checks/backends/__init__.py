"""Built-in backends: modules of callables that carry the names of the Functions.

`ARRAYS` names the array library whose arrays a module takes and returns; `REQUIRES`, where a
module has it, names the extra package that a Function needs. The docstring of a callable is
how the framework spells it.
"""
