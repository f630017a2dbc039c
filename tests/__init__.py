"""Is Ulpian right?"""

from importlib.metadata import entry_points

_installed = any(e.name == "ulpian" for e in entry_points(group="pytest11"))
LOAD_PLUGIN: tuple[str, ...] = () if _installed else ("-p", "ulpian.checks.pytest_plugin")
"""What pytest is told so that it has the plugin: nothing where the package is installed."""
