"""How each array library is called: one module per library, the same functions in each.

At the outside every array is a NumPy array (float16, float32, float64, one of `ml_dtypes`,
or an integer dtype); only these modules import an array library other than NumPy.
"""
