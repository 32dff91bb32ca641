"""The real worker loads function_app.py: one bad function there would leave none at all."""

import subprocess
import sys
from pathlib import Path

from tests.azure.worker import ROOT, this_app

TRIGGERS = {
    "event_grid": "eventGridTrigger",
    "event_hub": "eventHubTrigger",
    "own_alarms": "eventHubTrigger",
    "deliver": "queueTrigger",
    "recheck": "queueTrigger",
    "housekeeping": "timerTrigger",
    "ask_state": "timerTrigger",
    "self_check": "timerTrigger",
    "sweep": "timerTrigger",
}


def test_every_function_is_there_with_its_trigger() -> None:
    assert {each.function: each.type for each in this_app().bindings} == TRIGGERS


def test_listing_the_functions_loads_no_http_client() -> None:
    listed = "import function_app, sys; print(*sys.modules)"
    command = [sys.executable, "-c", listed]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"requests", "urllib3"} & set(done.stdout.split())


def test_events_of_the_hub_come_as_a_batch() -> None:
    triggers = [each for each in this_app().bindings if each.type == "eventHubTrigger"]
    assert {each.values["cardinality"].lower() for each in triggers} == {"many"}


def test_a_batch_of_the_hub_is_retried_until_it_is_taken() -> None:
    """Whatever number the host gave up at, its checkpoint would then pass over the batch."""
    import function_app

    made = (each._function for each in function_app.app._function_builders)
    [hub] = [each for each in made if each.get_function_name() == "event_hub"]
    policy = hub.get_settings_dict("retry_policy")
    assert policy is not None
    assert (policy["strategy"], policy["max_retry_count"]) == ("exponential_backoff", "-1")


def test_the_check_sees_an_app_that_can_not_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(
        "import azure.functions as func\n"
        "app = func.FunctionApp()\n"
        "@app.timer_trigger(arg_name='timer', schedule='0 * * * * *')\n"
        "def good(timer: func.TimerRequest) -> None: ...\n"
        "@app.queue_trigger(arg_name='message', queue_name='q', connection='c')\n"
        "def bad(msg: func.QueueMessage) -> None: ...\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "tests.azure.worker", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (1, "")
    assert "cannot load the bad function" in told.stderr
