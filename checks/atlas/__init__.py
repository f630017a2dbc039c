"""The atlas: what sweeps and hunts found of each version of a backend, kept as small files.

page        the results of one version of a backend in one format: a file
binades     the worst errors in the binades, as short text and as curves
recorded    the pages that are kept, in the package and beside it
comparison  two versions or two backends, result by result
told        pages, results and comparisons in words and as JSON
making      every sweep of a backend, and its pages
"""
