// How the pictures that are kept for people to look at are taken.
import { artifact } from "./harness.mjs";

export const sizes = { wide: [1440, 900], medium: [1024, 768], narrow: [390, 844] };
export const looksOf = (size) => {
  const [width, height] = sizes[size];
  return ["light", "dark"].map((colorScheme) => ({ size, colorScheme, viewport: { width, height } }));
};
export const looks = Object.keys(sizes).flatMap(looksOf);

export function shoot(page, view, { size, colorScheme }, fullPage = false) {
  const name = `${view}-${size}-${colorScheme}.png`.toLowerCase().replaceAll(" ", "-");
  return page.screenshot({ path: artifact(name), fullPage });
}
