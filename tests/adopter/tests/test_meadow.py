import torch
from meadow import huber, smooth_ramp


def test_the_ramp_looks_right():
    x = torch.tensor([-1.0, 0.0, 2.0])
    assert torch.allclose(smooth_ramp(x), torch.nn.functional.softplus(x), atol=1e-5)
    double = x.double().requires_grad_(True)
    assert torch.autograd.gradcheck(smooth_ramp, double)


def test_the_loss_is_that_of_pytorch():
    p, t = torch.randn(8), torch.randn(8)
    assert torch.allclose(huber(p, t), torch.nn.functional.huber_loss(p, t))
