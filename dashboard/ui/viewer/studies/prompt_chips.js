// A prompt as chips. Every text is set with textContent: none of it is ever read as markup.

import { fill } from "../../drawing/values.js"

function make(tag, className, text) {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

export default function ({ parentElement, data }) {
  const list = parentElement.querySelector(".chips")
  list.setAttribute("aria-label", data.words.list)
  list.replaceChildren(
    ...data.chips.map((each) => {
      const chip = make("span", "chip", "")
      chip.append(make("bdi", "", each.text), make("span", "share", each.share))
      chip.style.setProperty("--strength", Math.max(0, Math.min(1, each.strength)))
      chip.title = fill(data.words.word, { text: each.text, share: each.share })
      chip.setAttribute("role", "listitem")
      chip.setAttribute("aria-label", chip.title)
      return chip
    }),
  )
}
