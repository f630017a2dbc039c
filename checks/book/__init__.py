"""What can be said without judging any code: the pages that the commands print.

`inventory` lists what there is, `page` shows a function with its `names` elsewhere and the
`differences` there, `evaluation` gives the truth at a point. `lint` examines definitions of the
user's own, and has `jumps` find kinks by numbers; `doctor` tells the environment.
"""
