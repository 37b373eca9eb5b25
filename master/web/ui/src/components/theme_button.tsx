// Chooses between the system's, the light and the dark theme.

import { type Choice, choice, choose } from "../theme";
import { useCell } from "../use_cell";

const next: Record<Choice, Choice> = { system: "light", light: "dark", dark: "system" };
const names: Record<Choice, string> = { system: "as the system", light: "light", dark: "dark" };
const icons: Record<Choice, string> = { system: "◐", light: "☀", dark: "☾" };

export function ThemeButton() {
  const chosen = useCell(choice);
  const label = `Theme: ${names[chosen]}. Change to ${names[next[chosen]]}`;
  return (
    <button
      type="button"
      class="plain icon no-print"
      title={label}
      aria-label={label}
      onClick={() => choose(next[chosen])}
    >
      <span aria-hidden="true">{icons[chosen]}</span>
    </button>
  );
}
