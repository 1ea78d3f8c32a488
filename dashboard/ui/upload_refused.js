// Tells the page when the server has refused an upload: Streamlit's own widget says that it failed, and not why.

const LISTENER = Symbol.for("smooth-gradcam-upload-refused");
const DOOR = "/_stcore/upload_file/";

export default function ({ setTriggerValue }) {
  document[LISTENER]?.disconnect();
  const observer = new PerformanceObserver((list) => {
    const refused = list.getEntries().filter((entry) => entry.name.includes(DOOR) && entry.responseStatus >= 400);
    if (refused.length) setTriggerValue("refused", refused.length);
  });
  observer.observe({ type: "resource" });
  document[LISTENER] = observer;
  return () => observer.disconnect();
}
