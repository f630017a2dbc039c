from sympy import Derivative, Eq, Sum, Symbol, Tuple, exp, log

from ..function import Function, Variable, applied
from ..references import Reference
from ..special import Largest, entry
from ..symbols import i, j, k, n, x, z
from ..works import BLANCHARD, GOODFELLOW

shift = Symbol("c", real=True)
x1, x2 = Symbol("x1", real=True), Symbol("x2", real=True)
logsumexp_, softmax_, softmin_, maxout_ = map(
    applied, ("logsumexp", "softmax", "softmin", "maxout")
)
softplus_, sigmoid_, logaddexp_, relu_, mae_, hardmax_, cross_entropy_ = map(
    applied,
    (
        "softplus",
        "sigmoid",
        "logaddexp",
        "relu",
        "mae",
        "hardmax",
        "categorical_cross_entropy",
    ),
)

logsumexp = Function(
    name="logsumexp",
    title="Logarithm of the sum of exponentials",
    variables=(Variable(z, masked=True),),
    expression=log(Sum(exp(z[j]), (j, 0, n - 1))),
    identities={
        "slope": Eq(Derivative(logsumexp_(z[i]), z[k]), softmax_(z[k])),
        "shift": Eq(logsumexp_(z[i] + shift), logsumexp_(z[i]) + shift),
        "largest taken out": Eq(logsumexp_(z[i]), maxout_(z[i]) + logsumexp_(z[i] - maxout_(z[i]))),
        "two entries": Eq(logsumexp_(Tuple(x1, x2)), logaddexp_(x1, x2)),
        "softplus": Eq(logsumexp_(Tuple(x, 0)), softplus_(x)),
        # Fenchel's equality: the conjugate is the negative entropy
        "conjugate": Eq(
            logsumexp_(z[i]) - cross_entropy_(softmax_(z[i]), softmax_(z[i])),
            Sum(z[i] * softmax_(z[i]), (i, 0, n - 1)),
        ),
    },
    references=(BLANCHARD,),
)

softmin = Function(
    name="softmin",
    title="Softmin: softmax of the negative",
    variables=(z,),
    expression=exp(-z[i]) / Sum(exp(-z[j]), (j, 0, n - 1)),
    identities={
        "mirror": Eq(softmin_(z[i]), softmax_(-z[i])),
        "sum": Eq(Sum(softmin_(z[i]), (i, 0, n - 1)), 1),
        "sigmoid": Eq(entry(softmin_(Tuple(x, 0)), 0), sigmoid_(-x)),
    },
    references=(GOODFELLOW.at("section 6.2.2.3"),),
)

maxout = Function(
    name="maxout",
    title="Maxout: the largest of the linear pieces along the axis",
    variables=(z,),
    expression=Largest(z[j], (j, 0, n - 1)),
    homogeneous=(z,),
    identities={
        "ReLU": Eq(maxout_(Tuple(x, 0)), relu_(x)),
        "absolute value": Eq(maxout_(Tuple(x, -x)), mae_(x, 0)),
        "shift": Eq(maxout_(z[i] + shift), maxout_(z[i]) + shift),
        "slope": Eq(Derivative(maxout_(z[i]), z[k]), hardmax_(z[k])),
    },
    references=(
        Reference(
            authors=(
                "Goodfellow, Ian",
                "Warde-Farley, David",
                "Mirza, Mehdi",
                "Courville, Aaron",
                "Bengio, Yoshua",
            ),
            title="Maxout networks",
            year=2013,
            kind="inproceedings",
            where="International Conference on Machine Learning",
            volume="28",
            pages="1319-1327",
            arxiv="1302.4389",
            place="section 2",
        ),
    ),
)
