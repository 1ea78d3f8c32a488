"""Visitors without a browser: real sessions on a real server, through Streamlit's own web socket.

A browser takes a second of a core for every page that it draws; twenty of them would measure the browsers.
What the server does for a session is the same.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config
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
        widgets: key of a button, number field or heading that opens -> its id.
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
        headers: more that the browser sends, or a proxy before the server.

    Attributes:
        options: what the server has told the browser to do and to leave.
        session: Streamlit's id of the page's session, once it has been opened.
        pace: seconds after which the page has told the browser to run a part of it again; 0 for no part.
    """

    def __init__(
        self, address: str, patience: float = PATIENCE, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.address = address
        self._patience = patience
        self._socket = connect(
            f"ws://{address.partition('//')[2]}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=address,
            max_size=None,
            open_timeout=patience,
            additional_headers=headers,
        )
        self.session = ""
        self._page, self._query = "", ""
        self._fragments: list[str] = []  # that the browser shall run again and again
        self.pace = 0.0
        self.seen, self.options = Seen(""), Config()

    def open(self, page: str = "", **query: str) -> Seen:
        """Opens a page, "" for Home; what it held before is gone."""
        self._page, self._query = page, urlencode(query)
        return self._run([])

    def look(self) -> Seen:
        """Runs the page's script once more."""
        return self._run([])

    def wait(self) -> Seen:
        """Runs what the page has told the browser to run again by itself, once; the whole page where that follows.

        Without any, the whole page.
        """
        if not self._fragments:
            return self.look()
        for fragment in list(self._fragments):
            if fragment in self._fragments:  # a run of the whole page may have ended it
                self._run([], fragment)
        return self.seen

    def click(self, key: str) -> Seen:
        """Presses the button of that key.

        Raises:
            KeyError: there is none.
        """
        return self._run([WidgetState(id=self.seen.widgets[key], trigger_value=True)])

    def put(self, key: str, value: int) -> Seen:
        """Puts a whole number into the field of that key."""
        return self._run([WidgetState(id=self.seen.widgets[key], int_value=value)])

    def unfold(self, key: str) -> Seen:
        """Opens the heading of that key, below which fields are drawn only while it is open."""
        return self._run([WidgetState(id=self.seen.widgets[key], bool_value=True)])

    def close(self) -> None:
        """Closes the page."""
        self._socket.close()

    def _run(self, states: list[WidgetState], fragment: str = "") -> Seen:
        ask = BackMsg()
        ask.rerun_script.page_name = self._page
        ask.rerun_script.query_string = self._query
        ask.rerun_script.widget_states.widgets.extend(states)
        ask.rerun_script.fragment_id = fragment
        ask.rerun_script.is_auto_rerun = bool(fragment)
        ended = {ForwardMsg.FINISHED_SUCCESSFULLY}
        if fragment:
            ended.add(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        seen, begun = Seen(self._page), time.perf_counter()
        self._socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=self._patience))
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                _note(message.delta.new_element, seen)
            elif kind == "delta" and message.delta.add_block.expandable.id:
                _note_widget(message.delta.add_block.expandable.id, seen)
            elif kind == "new_session":
                self.options = message.new_session.config
                self.session = message.new_session.initialize.session_id
                if message.metadata.run.fragment_ids:
                    seen.widgets = {**self.seen.widgets}
                else:
                    seen.widgets, self._fragments, self.pace = {}, [], 0.0
            elif kind == "auto_rerun":
                self.pace = message.auto_rerun.interval
                if message.auto_rerun.fragment_id not in self._fragments:
                    self._fragments.append(message.auto_rerun.fragment_id)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "navigation":
                pages = {each.page_script_hash: each.url_pathname for each in message.navigation.app_pages}
                self._page = seen.page = pages.get(message.navigation.page_script_hash, self._page)
            elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
                seen.problems.append(message.session_event.script_compilation_exception.message)
            elif kind == "script_finished" and message.script_finished in ended:
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
        _note_widget(getattr(element, kind).id, seen)


def _note_widget(name: str, seen: Seen) -> None:
    # Streamlit's ids end with the key: $$ID-<digest>-<key>.
    seen.widgets[name.split("-", 2)[2]] = name
