"""Every float: exhaustive sweeps of one function's value or derivative.

A sweep is cut into shards, which workers judge one by one:

    shard     a range of floats: a unit of work, known by its content
    job       its names made into things: the code under test as a stream of answers
    judged    a shard judged, block by block
    compare   a block of answers against truths by local polynomials
    order     monotone, in range, symmetric
    tally     how it is counted, array by array
    summary   what was found, as plain data that merges

    plan      from what is asked for to shards
    tasks     what a worker does, in plain data; engines: where workers run
    store     finished shards on disk; sweep: the run
    result    a sweep's document; text: as it is printed
"""
