interface Notice {
  id: number;
  text: string;
  action: string;
  undo: (() => void) | null;
}

const SHOWN_FOR = 7000;

/** Short words at the foot of the page, with a way back where there is one. */
class Notices {
  list: Notice[] = $state([]);
  #next = 1;

  say(text: string, undo: (() => void) | null = null, action = "Undo"): void {
    const id = this.#next++;
    this.list.push({ id, text, action, undo });
    setTimeout(() => this.drop(id), SHOWN_FOR);
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
