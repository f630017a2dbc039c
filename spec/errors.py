"""What a definition that cannot stand is refused with."""


class SpecError(ValueError):
    """A definition that is wrong: the message names the function, the field and the value."""
