"""Works that more than one file cites; what only one cites stands there."""

from __future__ import annotations

from .references import Reference

BISHOP = Reference(
    authors=("Bishop, Christopher M.",),
    title="Pattern Recognition and Machine Learning",
    year=2006,
    kind="book",
    where="Springer",
)

BLANCHARD = Reference(
    authors=("Blanchard, Pierre", "Higham, Desmond J.", "Higham, Nicholas J."),
    title="Accurately computing the log-sum-exp and softmax functions",
    year=2021,
    kind="article",
    where="IMA Journal of Numerical Analysis",
    volume="41",
    number="4",
    pages="2311-2330",
    doi="10.1093/imanum/draa038",
)

COVER = Reference(
    authors=("Cover, Thomas M.", "Thomas, Joy A."),
    title="Elements of Information Theory",
    year=2006,
    kind="book",
    where="Wiley",
    edition="second",
    doi="10.1002/047174882X",
)

DLMF = Reference(
    authors=("DLMF",),
    title="NIST Digital Library of Mathematical Functions",
    url="https://dlmf.nist.gov",
)

GLOROT = Reference(
    authors=("Glorot, Xavier", "Bordes, Antoine", "Bengio, Yoshua"),
    title="Deep sparse rectifier neural networks",
    year=2011,
    kind="inproceedings",
    where="International Conference on Artificial Intelligence and Statistics",
    volume="15",
    pages="315-323",
    url="https://proceedings.mlr.press/v15/glorot11a.html",
)

GOODFELLOW = Reference(
    authors=("Goodfellow, Ian", "Bengio, Yoshua", "Courville, Aaron"),
    title="Deep Learning",
    year=2016,
    kind="book",
    where="MIT Press",
    url="https://www.deeplearningbook.org",
)

HENDRYCKS = Reference(
    authors=("Hendrycks, Dan", "Gimpel, Kevin"),
    title="Gaussian error linear units (GELUs)",
    year=2016,
    arxiv="1606.08415",
)

LIN = Reference(
    authors=(
        "Lin, Tsung-Yi",
        "Goyal, Priya",
        "Girshick, Ross",
        "He, Kaiming",
        "Dollár, Piotr",
    ),
    title="Focal loss for dense object detection",
    year=2017,
    kind="inproceedings",
    where="IEEE International Conference on Computer Vision",
    doi="10.1109/ICCV.2017.324",
    arxiv="1708.02002",
)

MARTINS = Reference(
    authors=("Martins, André F. T.", "Astudillo, Ramón Fernandez"),
    title="From softmax to sparsemax: A sparse model of attention and multi-label classification",
    year=2016,
    kind="inproceedings",
    where="International Conference on Machine Learning",
    volume="48",
    pages="1614-1623",
    arxiv="1602.02068",
)

ONNX = Reference(
    authors=("ONNX",),
    title="Operators",
    url="https://onnx.ai/onnx/operators/",
)

PYTORCH = Reference(
    authors=("PyTorch",),
    title="Documentation",
    url="https://docs.pytorch.org/docs/stable/",
)
