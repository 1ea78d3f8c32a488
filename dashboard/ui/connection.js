// Shows a sentence while Streamlit's page has lost its server, in place of Streamlit's own dialog, which speaks to whoever
// has written the program.

// A server that is started anew, and a network that changes, are back within that time: nobody needs to be told.
const PATIENCE = 3000;
const LOST = new Set(["PINGING_SERVER", "CONNECTING", "DISCONNECTED_FOREVER"]);

function hideDialog() {
  for (const dialog of document.querySelectorAll('[data-testid="stDialog"]')) {
    if (/^\s*Connection error/.test(dialog.textContent)) dialog.style.display = "none";
  }
}

export default function ({ data, parentElement }) {
  const banner = parentElement.querySelector(".gone");
  const app = document.querySelector('[data-testid="stApp"]');
  let timer = null;

  const isLost = () => LOST.has(app.dataset.testConnectionState);

  function look() {
    if (!isLost()) {
      clearTimeout(timer);
      timer = null;
      banner.hidden = true;
      return;
    }
    hideDialog();
    timer ??= setTimeout(() => {
      banner.textContent = data.sentence;
      banner.hidden = false;
    }, PATIENCE);
  }

  const states = new MutationObserver(look);
  states.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  // The dialog comes some tries after the state has changed, and as a child of the body.
  const dialogs = new MutationObserver(() => isLost() && hideDialog());
  dialogs.observe(document.body, { childList: true });
  look();
  return () => {
    states.disconnect();
    dialogs.disconnect();
    clearTimeout(timer);
  };
}
