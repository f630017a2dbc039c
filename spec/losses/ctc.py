from sympy import Eq, Interval, Min, S, Sum, Symbol, Tuple, exp, log, oo

from ..alignments import Alignments
from ..function import Function, Variable, applied
from ..references import Reference
from ..symbols import frames, j, labels, n, path, r, t_vector, z

ctc_, cross_entropy_, softplus_ = map(applied, ("ctc", "cross_entropy", "softplus"))
x1, x2, x3 = (Symbol(f"x{k}", real=True) for k in (1, 2, 3))
y1, y2, y3 = (Symbol(f"y{k}", real=True) for k in (1, 2, 3))
log_probability = z[j, path[j]] - log(Sum(exp(z[j, r]), (r, 0, n - 1)))

ctc = Function(
    name="ctc",
    title="Connectionist temporal classification",
    variables=(
        Variable(z, called="logits", shape=(frames, n)),
        Variable(t_vector, domain=S.Naturals, shape=(labels,), differentiable=False),
    ),
    expression=-log(Alignments(exp(Sum(log_probability, (j, 0, frames - 1))), t_vector, frames)),
    sizes={frames: Min(n + 1, 4), labels: Min(n - 1, 2)},
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    divisor=labels,
    identities={
        "one frame": Eq(
            ctc_(Tuple(Tuple(x1, x2, x3)), Tuple(2)),
            cross_entropy_(Tuple(x1, x2, x3), Tuple(0, 0, 1)),
        ),
        "a label for each frame": Eq(
            ctc_(Tuple(Tuple(x1, x2, x3), Tuple(y1, y2, y3)), Tuple(2, 1)),
            cross_entropy_(Tuple(x1, x2, x3), Tuple(0, 0, 1))
            + cross_entropy_(Tuple(y1, y2, y3), Tuple(0, 1, 0)),
        ),
        "a blank between repeats": Eq(
            ctc_(Tuple(Tuple(x1, x2), Tuple(y1, y2), Tuple(x1, x2)), Tuple(1, 1)),
            2 * softplus_(x1 - x2) + softplus_(y2 - y1),
        ),
    },
    aliases=("ctc_loss",),
    notes="Class 0 is the blank. A labelling that needs more frames than there are has no path: "
    "its loss is oo, and it has no gradient. The mean is per label, as if the samples' labels "
    "were one sequence; where the labellings of a batch have one length, that is also the mean of "
    "each loss over the number of its labels.",
    references=(
        Reference(
            authors=(
                "Graves, Alex",
                "Fernández, Santiago",
                "Gomez, Faustino",
                "Schmidhuber, Jürgen",
            ),
            title="Connectionist temporal classification: Labelling unsegmented sequence data "
            "with recurrent neural networks",
            year=2006,
            kind="inproceedings",
            where="International Conference on Machine Learning",
            pages="369-376",
            doi="10.1145/1143844.1143891",
            place="equations (3) and (8)",
        ),
    ),
)
