"""Ulpian in a test suite: the verdicts to come as test cases, and an assertion.

`docket` lists the cases, and a `bench` judges them one by one, where it can in a process of its own
(`apart`); `asked` is what the options of the test run ask for. `assertion` stands by itself.
"""
