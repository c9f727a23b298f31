package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// readPayload turns a payload into one tree, JSON or XML by its first
// character (§12.2).
func readPayload(payload string) (map[string]any, error) {
	payload = strings.TrimSpace(strings.TrimPrefix(payload, "\ufeff"))
	if strings.HasPrefix(payload, "<") {
		return readXML(payload)
	}
	dec := json.NewDecoder(strings.NewReader(payload))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the payload")
	}
	return out, nil
}

// node is one XML element on the way to the same tree: repeated children are
// arrays, leaves are texts.
type node struct {
	name     string
	text     strings.Builder
	children map[string][]any
}

func (n *node) value() any {
	if len(n.children) == 0 {
		return strings.TrimSpace(n.text.String())
	}
	out := map[string]any{}
	for name, values := range n.children {
		out[name] = values
		if len(values) == 1 {
			out[name] = values[0]
		}
	}
	return out
}

func readXML(payload string) (map[string]any, error) {
	dec := xml.NewDecoder(strings.NewReader(payload))
	root := &node{children: map[string][]any{}}
	open := []*node{root}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			open = append(open, &node{name: t.Name.Local, children: map[string][]any{}})
		case xml.CharData:
			top.text.Write(t)
		case xml.EndElement:
			open = open[:len(open)-1]
			parent := open[len(open)-1]
			parent.children[top.name] = append(parent.children[top.name], top.value())
		}
	}
	if len(open) != 1 || len(root.children) == 0 {
		return nil, errors.New("no element")
	}
	out, _ := root.value().(map[string]any)
	return out, nil
}

// at walks down the tree.
func at(tree map[string]any, names ...string) any {
	var v any = tree
	for _, name := range names {
		v = members(v)[name]
	}
	return v
}
