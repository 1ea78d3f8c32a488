// Runs before every page's own script: notes what the page asks of its server, and what of it has been answered.
// What is read of Streamlit's messages is no more than which kind they are, and how a run of the script ended.
(() => {
  const RERUN = 11, FRAGMENT = 5, AUTOMATIC = 6;  // fields of BackMsg and ClientState
  const NEW_SESSION = 4, DELTA = 5, FINISHED = 6, SEEN_DELTA = 11;  // fields of ForwardMsg
  const EARLY = 2, OF_A_FRAGMENT = 3;  // how a run of the script ended

  // asked: reruns that were sent. waiting: for a run of the whole page, or of a part, or for none.
  const watch = (window.smoothcamWatch = { asked: 0, waiting: "whole", begun: false, running: false, transfers: 0 });
  let left = 0, act = null;  // elements until something is done

  // Does one thing, and another as soon as so many elements of the run that came of it are there.
  watch.then = (first, elements, second) => {
    watch.begun = false;
    [left, act] = [elements, second];
    first();
  };

  // Field numbers of a message in protobuf's format, with their values: a number, or bytes.
  function* fields(bytes) {
    let at = 0;
    const number = () => {
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    };
    while (at < bytes.length) {
      const tag = number(), kind = tag & 7, field = Math.floor(tag / 8);
      if (kind === 0) yield [field, number()];
      else if (kind === 2) {
        const size = number();
        yield [field, bytes.subarray(at, at + size)];
        at += size;
      } else at += kind === 1 ? 8 : 4;
    }
  }

  const bytesOf = (data) => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array());

  function sent(data) {
    for (const [field, value] of fields(bytesOf(data))) {
      if (field !== RERUN) continue;
      const asked = new Map(fields(value));
      if (asked.get(AUTOMATIC)) continue;  // a part that looks again and again by itself
      watch.asked += 1;
      watch.begun = false;
      if (!asked.get(FRAGMENT)?.length || watch.waiting === "whole") watch.waiting = "whole";
      else watch.waiting = "part";
    }
  }

  function received(data) {
    for (const [field, value] of fields(bytesOf(data))) {
      if (field === NEW_SESSION) watch.begun = watch.running = true;
      if ((field === DELTA || field === SEEN_DELTA) && watch.begun && act && (left -= 1) <= 0) {
        setTimeout(act, 0);
        act = null;
      }
      if (field !== FINISHED || value === EARLY) continue;  // one that was cut off is followed by another
      watch.running = false;
      if (watch.begun && (watch.waiting !== "whole" || value !== OF_A_FRAGMENT)) watch.waiting = "";
    }
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...where) {
      super(...where);
      watch.running = false;  // a page that connects anew asks again only if something was interrupted
      this.addEventListener("message", (event) => received(event.data));
    }
    send(data) {
      sent(data);
      super.send(data);
    }
  };

  const transfer = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...what) {
    watch.transfers += 1;
    this.addEventListener("loadend", () => (watch.transfers -= 1));
    return transfer.apply(this, what);
  };

  // Whether everything was answered that the page has asked for, and will ask for because of what was done to it:
  // its own timers, which put off what is typed and slid for 200 ms at most, were set before this one.
  watch.rests = async () => {
    const asked = watch.asked;
    await new Promise((done) => setTimeout(done, 250));
    for (let frame = 0; frame < 2; frame += 1)
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    const app = document.querySelector("[data-testid=stApp]");
    // Streamlit fetches the code of each kind of element when the first of it comes: a card's style is one of them.
    const fetching = document.querySelector("[data-testid=stSkeleton]");
    return watch.asked === asked && !watch.waiting && !watch.running && !watch.transfers && !fetching
      && app?.getAttribute("data-test-script-state") === "notRunning";
  };
})();
