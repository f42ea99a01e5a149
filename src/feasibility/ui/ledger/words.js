// The few words of the frame itself, as the view says them.

export function word(view, name) {
  return view?.heads?.[name]?.text ?? "";
}
