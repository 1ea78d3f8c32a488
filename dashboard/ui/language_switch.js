// The languages as buttons. The choice is kept in this browser, for the next visit; links to pages say nothing of it.

const A_YEAR = 365 * 24 * 60 * 60;

export default function ({ data, parentElement, setTriggerValue }) {
  const tag = (name) => name.replace("_", "-");
  const group = parentElement.querySelector(".languages");
  group.setAttribute("aria-label", data.languages.map(([, title]) => title).join(" / "));
  group.replaceChildren(
    ...data.languages.map(([name, title]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.lang = tag(name);
      button.textContent = title;
      button.setAttribute("aria-pressed", String(name === data.spoken));
      button.onclick = () => {
        document.cookie = `${data.cookie}=${name}; path=/; max-age=${A_YEAR}; samesite=lax`;
        setTriggerValue("chosen", name);
      };
      return button;
    })
  );
}
