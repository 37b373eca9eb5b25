// Dark or light: as the system has it, unless chosen here. The choice is remembered.
import { Cell } from "./cell";

export type Choice = "system" | "light" | "dark";

const key = "locust-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

// A file opened from disk, or a strict browser, may refuse storage: then nothing is remembered.
function remembered(): Choice {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

export const choice = new Cell<Choice>(remembered());
// While printing: paper is light, and as wide as paper.
export const printing = new Cell(false);
// What is shown.
export const theme = new Cell<"light" | "dark">("light");

function apply(): void {
  const dark = choice.value === "dark" || (choice.value === "system" && systemDark.matches);
  const shown = dark && !printing.value ? "dark" : "light";
  document.documentElement.dataset.theme = shown;
  theme.value = shown;
}

export function choose(next: Choice): void {
  choice.value = next;
  try {
    if (next === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Not remembered, see above.
  }
}

choice.subscribe(apply);
printing.subscribe(apply);
systemDark.addEventListener("change", apply);
addEventListener("beforeprint", () => {
  printing.value = true;
});
addEventListener("afterprint", () => {
  printing.value = false;
});
apply();
