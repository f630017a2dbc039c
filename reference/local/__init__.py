"""Truth by local polynomials: a proven one for every stretch of floats, cheap to evaluate.

quantity   what is asked: the value, the gradient or the second derivative, on one free variable
analytic   its analytic continuation, over complex balls
fit        one polynomial on one stretch, with a proven bound of its error
stretches  a range of floats cut into stretches that have a polynomial, and single points
rows       their truths, many rows of floats by one matrix product
"""
