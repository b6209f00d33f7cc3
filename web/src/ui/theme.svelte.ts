export type Theme = "auto" | "light" | "dark";

const KEY = "lookalike-theme";

/** Light, dark, or what the device says. */
class Look {
  theme: Theme = $state(read());

  choose(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEY, theme);
    this.apply();
  }

  apply(): void {
    if (this.theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = this.theme;
  }
}

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export const look = new Look();
