// The few words of the frame itself. The view's heads may carry each of them, and then say it instead.

const OWN = {
  back: "back to",
  undo: "undo",
  was: "was",
  move: "Move",
  moreOf: "Details of",
  readingOf: "Reading of",
  typed: "type another value",
  drag: "drag the line, or type the value",
  dismiss: "dismiss",
  waiting: "…",
};

export function word(view, name) {
  return view?.heads?.[name]?.text ?? OWN[name];
}
