package dev.backfill.notion;

import java.util.Map;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;

/** Notes the components of a type. */
final class Components extends JsonFormatVisitorWrapper.Base {

    private final Map<String, Class<?>> components;

    Components(Map<String, Class<?>> components) {
        this.components = components;
    }

    @Override
    public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
        return new JsonObjectFormatVisitor.Base(getContext()) {
            @Override
            public void property(BeanProperty property) {
                note(property);
            }

            @Override
            public void optionalProperty(BeanProperty property) {
                note(property);
            }
        };
    }

    private void note(BeanProperty property) {
        JavaType type = property.getType();
        JavaType bare = type.isReferenceType() ? type.getReferencedType() : type;
        components.put(property.getName(), bare.getRawClass());
    }
}
