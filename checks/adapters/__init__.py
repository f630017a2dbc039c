"""How each array library is called: one module per library, the same functions in each.

At the outside every array is a NumPy array (float16, ml_dtypes.bfloat16, float32, float64
or an integer dtype); only these modules import an array library other than NumPy.
"""
