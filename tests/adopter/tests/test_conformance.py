import pytest

from ulpian.checks import cases


@pytest.mark.parametrize("case", cases("meadow"))
def test_conforms(case):
    case.judge()
