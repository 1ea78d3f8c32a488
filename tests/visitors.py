"""Visitors without a browser: real sessions on a real server, through Streamlit's own web socket.

A browser takes a second of a core for every page that it draws; twenty of them would measure the browsers.
What the server does for a session is the same.
"""

import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

from tests.waiting import PATIENCE


@dataclass
class Seen:
    """One run of a page's script.

    Attributes:
        page: which page.
        seconds: from asking to the script's end.
        problems: exceptions and red boxes on it.
        texts: what its text elements say.
        widgets: key of a button or number field -> its id.
        run: the run that the address names; "" for none.
    """

    page: str
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    widgets: dict[str, str] = field(default_factory=dict)
    run: str = ""


class Visitor:
    """One open page.

    Args:
        address: of the server, such as http://localhost:8501.
        patience: seconds until a page that does not end is an error.
    """

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self.address = address
        self._patience = patience
        self._socket = connect(
            f"ws://{address.partition('//')[2]}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=address,
            max_size=None,
            open_timeout=patience,
        )
        self._page, self._query = "", ""
        self.seen = Seen("")

    def open(self, page: str = "", **query: str) -> Seen:
        """Opens a page, "" for Home; what it held before is gone."""
        self._page, self._query = page, urlencode(query)
        return self._run([])

    def look(self) -> Seen:
        """Runs the page's script once more."""
        return self._run([])

    def click(self, key: str) -> Seen:
        """Presses the button of that key.

        Raises:
            KeyError: there is none.
        """
        return self._run([WidgetState(id=self.seen.widgets[key], trigger_value=True)])

    def put(self, key: str, value: int) -> Seen:
        """Puts a whole number into the field of that key."""
        return self._run([WidgetState(id=self.seen.widgets[key], int_value=value)])

    def close(self) -> None:
        """Closes the page."""
        self._socket.close()

    def _run(self, states: list[WidgetState]) -> Seen:
        ask = BackMsg()
        ask.rerun_script.page_name = self._page
        ask.rerun_script.query_string = self._query
        ask.rerun_script.widget_states.widgets.extend(states)
        seen, begun = Seen(self._page), time.perf_counter()
        self._socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=self._patience))
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                _note(message.delta.new_element, seen)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "navigation":
                pages = {each.page_script_hash: each.url_pathname for each in message.navigation.app_pages}
                self._page = seen.page = pages.get(message.navigation.page_script_hash, self._page)
            elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
                seen.problems.append(message.session_event.script_compilation_exception.message)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                break
        seen.seconds = time.perf_counter() - begun
        seen.run = dict(parse_qsl(self._query)).get("run", "")
        self.seen = seen
        return seen


def _note(element, seen: Seen) -> None:
    kind = element.WhichOneof("type")
    if kind == "exception":
        seen.problems.append(element.exception.message)
    elif kind == "alert" and element.alert.format == Alert.ERROR:
        seen.problems.append(element.alert.body)
    elif kind == "text":
        seen.texts.append(element.text.body)
    elif kind == "markdown":
        seen.texts.append(element.markdown.body)
    elif kind == "progress":
        seen.texts.append(element.progress.text)
    elif kind in ("button", "number_input"):
        # Streamlit's ids end with the key: $$ID-<digest>-<key>.
        name = getattr(element, kind).id
        seen.widgets[name.split("-", 2)[2]] = name
