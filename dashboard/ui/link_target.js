// Streamlit scrolls to the heading that the address names as soon as that is there. Styles and elements that come later
// move it away again, out of sight: so it is brought back until the person does something themselves.
const LONGEST = 60_000;
const ACTS = ["wheel", "pointerdown", "keydown", "touchmove"];

let held = "";

function hold(name) {
  const until = performance.now() + LONGEST;
  let top = null;
  let isOver = false;
  const end = () => {
    isOver = true;
    for (const act of ACTS) removeEventListener(act, end, true);
  };
  for (const act of ACTS) addEventListener(act, end, { capture: true, passive: true });

  function look(now) {
    if (isOver) return;
    if (now > until) return end();
    const target = document.getElementById(name);
    if (target && target.getBoundingClientRect().top !== top) {
      target.scrollIntoView();
      top = target.getBoundingClientRect().top;
    }
    requestAnimationFrame(look);
  }
  requestAnimationFrame(look);
}

export default function () {
  const name = location.hash.slice(1);
  // Once for an address: the page may run again at any time, wherever the person has scrolled to by then.
  if (name && held !== location.href) hold(name);
  held = location.href;
}
