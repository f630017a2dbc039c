"""What was observed, against the truth, with the error that is allowed.

`offered` asks for the format, `observe` for values and gradients; `ruling` has them judged, and
`judge` does it without a case. `equation` and `row_equation` do the same for identities, `search`
looks for worse points, and `guilty` for the part of a call that it was.
"""
