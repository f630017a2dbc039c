from sympy import Abs, Eq, FiniteSet, Interval, Reals, log, oo

from ..function import Function, Variable, applied
from ..references import Reference
from ..symbols import prediction, target

mape_, msle_, mae_, mse_ = map(applied, ("mape", "msle", "mae", "mse"))
REDUCTIONS = ("none", "mean", "sum")
above = Interval.open(-1, oo)

mape = Function(
    name="mape",
    title="Absolute percentage error",
    variables=(prediction, Variable(target, domain=Reals - FiniteSet(0))),
    expression=100 * Abs(target - prediction) / Abs(target),
    kinks={target - prediction: Interval(-100 / Abs(target), 100 / Abs(target))},
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={
        "absolute error": Eq(
            mape_(prediction, target), 100 * mae_(prediction, target) / Abs(target)
        ),
        "no scale": Eq(mape_(2 * prediction, 2 * target), mape_(prediction, target)),
        "nothing predicted": Eq(mape_(0, target), 100),
    },
    aliases=("mean_absolute_percentage_error",),
    references=(
        Reference(
            authors=("Hyndman, Rob J.", "Koehler, Anne B."),
            title="Another look at measures of forecast accuracy",
            year=2006,
            kind="article",
            where="International Journal of Forecasting",
            volume="22",
            number="4",
            pages="679-688",
            doi="10.1016/j.ijforecast.2006.03.001",
            place="section 2.2",
        ),
    ),
    notes="There is no value where the target is 0.",
)

msle = Function(
    name="msle",
    title="Squared logarithmic error",
    variables=(Variable(prediction, domain=above), Variable(target, domain=above)),
    expression=(log(1 + target) - log(1 + prediction)) ** 2,
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "squared error": Eq(msle_(prediction, target), mse_(log(1 + prediction), log(1 + target))),
        "ratio": Eq(msle_(prediction, target), log((1 + prediction) / (1 + target)) ** 2),
        "symmetry": Eq(msle_(prediction, target), msle_(target, prediction)),
    },
    aliases=("mean_squared_logarithmic_error", "squared_log_error"),
    references=(
        Reference(
            authors=("Chollet, François", "others"),
            title="Keras",
            year=2015,
            url="https://keras.io",
            place="keras.losses.mean_squared_logarithmic_error",
        ),
    ),
)
