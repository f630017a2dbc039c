from sympy import Derivative, Eq, Interval, Sum, exp, log, oo

from ..function import Function, Variable, applied
from ..symbols import i, j, k, n, t_vector, z

cross_entropy_, softmax_, log_softmax_ = map(applied, ("cross_entropy", "softmax", "log_softmax"))
t = t_vector

cross_entropy = Function(
    name="cross_entropy",
    title="Cross-entropy on logits",
    variables=(z, Variable(t, domain=Interval(0, 1), simplex=True)),
    expression=-Sum(t[i] * (z[i] - log(Sum(exp(z[j]), (j, 0, n - 1)))), (i, 0, n - 1)),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        # the targets sum to one, which makes this softmax - target
        "delta": Eq(
            Derivative(cross_entropy_(z[i], t[i]), z[k]),
            softmax_(z[k]) * Sum(t[i], (i, 0, n - 1)) - t[k],
        ),
        "log_softmax": Eq(
            cross_entropy_(z[i], t[i]), -Sum(t[i] * log_softmax_(z[i]), (i, 0, n - 1))
        ),
    },
    aliases=("softmax_cross_entropy", "categorical_cross_entropy_with_logits"),
    references=("Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4",),
)
