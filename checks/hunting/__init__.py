"""Hunts: the search for the worst input of a format that has too many floats to try them all.

windows  evenly spaced floats of one piece of the line, judged by one matrix product
track    one line of inputs: what computes there, and the truth about it
cells    which parts of the line promise most
hunt     the search: corpus, scan of every binade, the best parts again and again
corpus   the worst inputs known, tried first by whoever hunts next
state    a hunt that was ended, to go on from there
"""
